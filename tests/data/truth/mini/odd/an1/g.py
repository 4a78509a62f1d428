def f() -> "Missing": pass
y: "Nope" = 1
