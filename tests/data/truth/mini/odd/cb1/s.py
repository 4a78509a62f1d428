[].append(1)
[].push(1)
