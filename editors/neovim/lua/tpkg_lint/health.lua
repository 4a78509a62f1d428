-- :checkhealth tpkg_lint
local M = {}

local health = vim.health

local function check_neovim()
  if vim.fn.has('nvim-0.9') == 0 then
    health.error('Neovim 0.9 or newer is needed')
    return
  end
  local way = vim.fn.has('nvim-0.11') == 1 and "vim.lsp.enable('tpkg_lint')" or "require('tpkg_lint').setup()"
  local version = vim.fn.matchstr(vim.fn.execute('version'), 'NVIM v[0-9.]\\+')
  health.ok(version .. ': set up by `' .. way .. '`')
end

--- Return the program that is or would be started, and who has named it.
local function program_of(client)
  local given = client and client.config.cmd or (vim.lsp.config and (vim.lsp.config.tpkg_lint or {}).cmd)
  local root = client and client.config.root_dir or require('tpkg_lint.root').of(vim.fn.bufnr('#'))
  local found, origin = require('tpkg_lint.executable').find(root)
  if type(given) == 'table' then
    return given[1], given[1] == found and origin or 'cmd of the configuration', given
  end
  return found, origin, found and { found, 'server' }
end

local function check_program(client)
  local program, origin = program_of(client)
  if not program then
    health.error('no tpkg-lint: ' .. origin, {
      'install it into the environment of the project: pip install tpkg-lint',
      'or for all projects: pipx install tpkg-lint',
      "or name it: vim.lsp.config('tpkg_lint', { cmd = { '/path/to/tpkg-lint', 'server' } })",
    })
    return
  end
  if vim.fn.executable(program) == 0 then
    health.error(program .. ' (' .. origin .. ') cannot be executed', { 'correct `cmd`, or leave it out' })
    return
  end
  local said = vim.trim(vim.fn.system({ program, '--version' }))
  if vim.v.shell_error ~= 0 or not said:match('^tpkg%-lint ') then
    health.error(program .. ' (' .. origin .. ') is not tpkg-lint: ' .. said, { 'correct `cmd`, or leave it out' })
    return
  end
  health.ok(said .. ': ' .. program .. ' (' .. origin .. ')')
end

local function check_client(client)
  if not client then
    health.warn('no server is running', {
      'open a Python file of a project; :set filetype? must say python',
      vim.fn.has('nvim-0.11') == 1 and "call vim.lsp.enable('tpkg_lint') in init.lua"
        or "call require('tpkg_lint').setup() in init.lua",
      'look at ' .. require('vim.lsp.log').get_filename(),
    })
    return
  end
  local buffers = #require('tpkg_lint.rpc').buffers(client)
  health.ok(('attached to %d buffer(s), root %s'):format(buffers, client.config.root_dir or 'none'))
  local state = require('tpkg_lint.state').of(client.id)
  if state and state.health ~= 'ok' then
    health.warn(state.message)
  end
  local answer, failure
  require('tpkg_lint.rpc').execute(client, 'debugInformation', {}, function(found)
    answer = found
  end)
  vim.wait(5000, function()
    return answer ~= nil or failure ~= nil
  end, 20)
  if not answer then
    health.error('the server does not answer', { ':TpkgRestart', 'look at ' .. require('vim.lsp.log').get_filename() })
    return
  end
  local python = answer.settings.python
  health.ok(('server %s, positions in %s, diagnostics are %s'):format(
    answer.version,
    answer.encoding,
    answer.pulls and 'pulled' or 'pushed'
  ))
  health.info('runs on Python ' .. answer.python:gsub('\n', ' '))
  health.info(
    'exported environment: '
      .. (type(python) == 'string' and python .. ' (setting python)' or 'that of the configuration file, VIRTUAL_ENV, .venv or PATH')
  )
  local has_package = false
  for root, packages in pairs(answer.projects) do
    for name, numbers in pairs(packages) do
      has_package = true
      health.info(('package %s of %s: %s'):format(name, root, numbers))
    end
  end
  if not has_package then
    health.info('no package is configured or exported here: only single files are looked at')
  end
end

--- Report what is there and what to do about what is not.
function M.check()
  health.start('tpkg-lint')
  local client = require('tpkg_lint.rpc').client()
  check_neovim()
  check_program(client)
  check_client(client)
end

return M
