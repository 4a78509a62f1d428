-- The language client: what vim.lsp.start() is given, in all versions of Neovim.
local executable = require('tpkg_lint.executable')
local root = require('tpkg_lint.root')
local state = require('tpkg_lint.state')

local M = {}

local told = {}

--- Return what this client can do.
local function capabilities()
  local found = vim.lsp.protocol.make_client_capabilities()
  found.workspace.codeLens = { refreshSupport = true }
  found.experimental = vim.tbl_extend('force', found.experimental or {}, { serverStatusNotification = true })
  return found
end

--- Start the server that was found for the root of the client.
local function cmd(dispatchers, config)
  local folder = config and config.root_dir or root.of(0)
  local program, places = executable.find(folder)
  assert(program, executable.advice(places))
  return vim.lsp.rpc.start({ program, 'server' }, dispatchers, { cwd = folder })
end

--- Tell whether there is a program to start; if not, say so once for each root.
local function is_there(given, folder)
  if type(given) == 'table' then
    return true
  end
  local program, places = executable.find(folder)
  if not program and not told[folder or ''] then
    told[folder or ''] = true
    vim.schedule(function() -- an error inside an autocommand is shown with all that called it
      vim.notify(executable.advice(places), vim.log.levels.ERROR)
    end)
  end
  return program ~= nil
end

local function root_dir(bufnr, on_dir)
  local folder = root.of(bufnr)
  local config = vim.lsp.config and vim.lsp.config.tpkg_lint
  if root.concerns(bufnr) and is_there(config and config.cmd, folder) then
    on_dir(folder)
  end
end

--- Tell whether Neovim can be told to pull diagnostics again.
---
--- Findings in a closure come later than the file's own. A client that pulls, but cannot be told that there is something
--- new, would show them after the next keystroke only: to Neovim before 0.12 the server pushes.
local function can_refresh(client_capabilities)
  return vim.tbl_get(client_capabilities, 'workspace', 'diagnostics', 'refreshSupport') == true
end

local function before_init(params, config)
  if not can_refresh(params.capabilities) then
    params.capabilities.textDocument.diagnostic = nil
  end
  -- The server reads them before it can ask for the section.
  if config.settings and next(config.settings) then
    params.initializationOptions = config.settings
  end
end

local function on_init(client)
  if not can_refresh(vim.lsp.protocol.make_client_capabilities()) then
    client.server_capabilities.diagnosticProvider = nil
  end
end

--- Return the configuration; a new table each time.
---@return table
function M.config()
  local config = {
    name = 'tpkg_lint',
    cmd = cmd,
    filetypes = root.filetypes,
    root_dir = root_dir,
    settings = { ['tpkg-lint'] = vim.empty_dict() },
    capabilities = capabilities(),
    before_init = before_init,
    on_init = on_init,
    commands = require('tpkg_lint.actions').client_commands,
    handlers = { ['experimental/serverStatus'] = state.handler },
    on_exit = function(_, _, client_id)
      state.forget(client_id)
    end,
  }
  if not vim.lsp.codelens.enable then
    config.handlers['workspace/codeLens/refresh'] = require('tpkg_lint.lenses').handler
    config.handlers['workspace/inlayHint/refresh'] = vim.lsp.inlay_hint and require('tpkg_lint.hints').handler
  end
  return config
end

--- Start or share the server of a buffer's project (Neovim 0.9 and 0.10).
---@param bufnr integer
---@param config table
function M.start(bufnr, config)
  local folder = root.of(bufnr)
  if not root.concerns(bufnr) or not is_there(config.cmd, folder) then
    return
  end
  local wanted = vim.tbl_extend('force', config, { root_dir = folder })
  if type(wanted.cmd) == 'function' then
    wanted.cmd = { executable.find(folder), 'server' }
    wanted.cmd_cwd = folder
  end
  vim.lsp.start(wanted, { bufnr = bufnr })
end

--- Set a buffer up that a client was attached to.
---@param client table
---@param bufnr integer
function M.attached(client, bufnr)
  local settings = vim.tbl_get(client.config, 'settings', 'tpkg-lint') or {}
  require('tpkg_lint.commands').create(bufnr)
  if settings.codeLens ~= false then
    require('tpkg_lint.lenses').show(client, bufnr)
  end
  if settings.inlayHints ~= false and vim.lsp.inlay_hint then
    vim.lsp.inlay_hint.enable(true, { bufnr = bufnr })
  end
end

return M
