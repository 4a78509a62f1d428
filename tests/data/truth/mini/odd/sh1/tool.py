class tool: pass
