-- What the server says of itself (experimental/serverStatus), by client.
local rpc = require('tpkg_lint.rpc')

local M = {}

local states = {}

--- Return the last state of a client: `health`, `quiescent` and `message`.
---@param client_id integer
---@return table|nil
function M.of(client_id)
  return states[client_id]
end

--- Take a state in; what is wrong is told once.
function M.handler(_, state, context)
  local before = states[context.client_id]
  states[context.client_id] = state
  if state.health ~= 'ok' and not (before and before.message == state.message) then
    rpc.tell(state.message, vim.log.levels.WARN)
  end
  vim.cmd.redrawstatus()
end

--- Let go of a client that has ended.
---@param client_id integer
function M.forget(client_id)
  states[client_id] = nil
end

return M
