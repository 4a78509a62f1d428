-- The commands of buffers that tpkg-lint is attached to.
local actions = require('tpkg_lint.actions')
local rpc = require('tpkg_lint.rpc')

local M = {}

--- Names for completion, as they were known when they were last asked for, by client.
local known = {}

local function learn(client)
  rpc.execute(client, 'packages', {}, function(packages)
    local found = { packages = {}, modules = {} }
    for _, item in ipairs(packages) do
      table.insert(found.packages, item.name)
      vim.list_extend(found.modules, item.modules)
    end
    table.sort(found.modules)
    known[client.id] = { packages = found.packages, modules = vim.fn.uniq(found.modules) }
  end)
end

local function completing(what)
  return function(lead)
    local client = rpc.client(vim.api.nvim_get_current_buf())
    if not client then
      return {}
    end
    learn(client)
    vim.wait(500, function()
      return known[client.id] ~= nil
    end, 10)
    return vim.tbl_filter(function(name)
      return vim.startswith(name, lead)
    end, (known[client.id] or {})[what] or {})
  end
end

local function uri_of(bufnr)
  return vim.uri_from_bufnr(bufnr)
end

--- Return the dotted name under the cursor.
local function module_under_cursor()
  local line, column = vim.api.nvim_get_current_line(), vim.api.nvim_win_get_cursor(0)[2] + 1
  for first, name, after in line:gmatch('()([%w_][%w_.]*)()') do
    if first <= column and column < after then
      return (name:gsub('%.+$', ''))
    end
  end
end

local function on_package(bufnr, run)
  return function(options)
    rpc.with_client(bufnr, function(client)
      local name = options.args ~= '' and options.args or nil
      rpc.choose_package(client, name, function(item)
        run(client, item, options.bang)
      end)
    end)
  end
end

--- Make the commands of a buffer.
---@param bufnr integer
function M.create(bufnr)
  local function command(name, run, options)
    vim.api.nvim_buf_create_user_command(bufnr, name, run, options)
  end
  local package = { nargs = '?', complete = completing('packages') }

  command('TpkgConfirm', function(options)
    rpc.with_client(bufnr, function(client)
      if options.bang then
        vim.cmd('silent wall')
      end
      actions.confirm(client, uri_of(bufnr), options.args ~= '' and options.args or nil)
    end)
  end, vim.tbl_extend('force', package, { bang = true, desc = 'Export for real; findings then say what was seen' }))

  command('TpkgWhy', function(options)
    local module = options.args ~= '' and options.args or module_under_cursor()
    if not module then
      rpc.tell('put the cursor on a module, or name one: :TpkgWhy MODULE', vim.log.levels.WARN)
      return
    end
    rpc.with_client(bufnr, function(client)
      actions.why(client, uri_of(bufnr), module)
    end)
  end, { nargs = '?', complete = completing('modules'), desc = 'Show what brings a module into the packages' })

  command(
    'TpkgClosure',
    on_package(bufnr, function(client, item, is_page)
      local show = is_page and actions.closure_page or actions.closure
      show(client, item.uri, item.name)
    end),
    vim.tbl_extend('force', package, { bang = true, desc = 'Show what an export will hold; with ! as a page' })
  )

  command(
    'TpkgPlan',
    on_package(bufnr, function(client, item, is_written)
      actions.plan(client, item.uri, item.name, is_written)
    end),
    vim.tbl_extend('force', package, { bang = true, desc = 'Show the smallest list of actions; with ! write it' })
  )

  command('TpkgRestart', function()
    rpc.with_client(bufnr, function(client)
      rpc.execute(client, 'restart', {}, function()
        rpc.tell('the analysis begins anew')
      end)
    end)
  end, { desc = 'Let the server read everything again' })
end

return M
