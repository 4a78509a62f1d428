import sh1.name as n
