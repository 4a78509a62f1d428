-- Requests to the server, alike in all versions of Neovim.
local M = {}

local get_clients = vim.lsp.get_clients or vim.lsp.get_active_clients
local has_methods = vim.fn.has('nvim-0.11') == 1

--- Return the client of a buffer; of any buffer where none is named.
---@param bufnr integer|nil
---@return table|nil
function M.client(bufnr)
  return get_clients({ name = 'tpkg_lint', bufnr = bufnr })[1]
end

--- Return the buffers that a client is attached to.
---@param client table
---@return integer[]
function M.buffers(client)
  return vim.tbl_keys(client.attached_buffers)
end

--- Give the client of a buffer to `done`; where there is none the person is told.
---@param bufnr integer
---@param done fun(client: table)
function M.with_client(bufnr, done)
  local client = M.client(bufnr)
  if client then
    done(client)
  else
    M.tell('the server is not attached to this buffer; see :checkhealth tpkg_lint', vim.log.levels.ERROR)
  end
end

--- Run a command of the server and give its answer to `done`; what goes wrong is told to the person.
---@param client table
---@param command string its name after `tpkg-lint.`
---@param arguments table
---@param done fun(answer: any)
function M.execute(client, command, arguments, done)
  local params = { command = 'tpkg-lint.' .. command, arguments = arguments }
  local handler = function(failure, answer)
    if failure then
      M.tell(failure.message or tostring(failure), vim.log.levels.ERROR)
    else
      done(answer)
    end
  end
  if has_methods then
    client:request('workspace/executeCommand', params, handler)
  else
    client.request('workspace/executeCommand', params, handler)
  end
end

--- Give one package to `done`: the named one, the only one, or the one that the person chooses.
---@param client table
---@param name string|nil
---@param done fun(package: table)
function M.choose_package(client, name, done)
  M.execute(client, 'packages', {}, function(packages)
    local fitting = vim.tbl_filter(function(item)
      return name == nil or item.name == name
    end, packages)
    if #fitting == 0 and name then
      M.tell('there is no package ' .. name .. ' here', vim.log.levels.ERROR)
    elseif #fitting == 0 then
      M.tell(
        'no package is configured or exported here; add a [[tool.tpkg-lint.package]] table to pyproject.toml',
        vim.log.levels.WARN
      )
    elseif #fitting == 1 then
      done(fitting[1])
    else
      local function shown(item)
        return item.name .. ': ' .. item.numbers
      end
      vim.ui.select(fitting, { prompt = 'Package', format_item = shown }, function(item)
        if item then
          done(item)
        end
      end)
    end
  end)
end

--- Tell the person something.
---@param message string
---@param level integer|nil
function M.tell(message, level)
  vim.notify('tpkg-lint: ' .. message, level or vim.log.levels.INFO)
end

return M
