(1).real
{}.get("a").b
