-- What commands, code lenses and code actions do: ask the server, show its answer.
local rpc = require('tpkg_lint.rpc')
local scratch = require('tpkg_lint.scratch')

local M = {}

--- Return the places of unsaved files; a real export reads what is on the disk.
local function unsaved(client)
  local names = {}
  for _, bufnr in ipairs(rpc.buffers(client)) do
    if vim.bo[bufnr].modified then
      table.insert(names, vim.fn.fnamemodify(vim.api.nvim_buf_get_name(bufnr), ':.'))
    end
  end
  return names
end

--- Export for real and tell what that has shown.
---@param client table
---@param uri string a file of the project
---@param package string|nil all of them where none is named
function M.confirm(client, uri, package)
  local names = unsaved(client)
  if #names > 0 then
    local which = table.concat(names, ', ')
    rpc.tell('an export reads files, and these are not written: ' .. which .. '; use :TpkgConfirm!', vim.log.levels.WARN)
    return
  end
  rpc.tell('exporting ' .. (package and 'package ' .. package or 'the packages') .. ' for real')
  rpc.execute(client, 'confirm', { uri, package }, function(answer)
    if answer.cancelled then
      rpc.tell('the export was cancelled')
      return
    end
    local counts = {}
    for verdict, count in vim.spairs and vim.spairs(answer.findings) or pairs(answer.findings) do
      table.insert(counts, count .. ' ' .. verdict)
    end
    rpc.tell('exported for real: ' .. (#counts > 0 and table.concat(counts, ', ') or 'nothing to confirm'))
  end)
end

--- Show what an export will hold as a tree; Enter opens the file of a module.
---@param client table
---@param uri string
---@param package string|nil
function M.closure(client, uri, package)
  rpc.execute(client, 'showClosure', { uri, package }, function(answer)
    local modules = vim.json.decode(answer.json).packages[1].modules
    local base = client.config.root_dir
    scratch.show('closure/' .. answer.package, answer.title .. '\n\n' .. answer.tree, {
      open = function(line)
        local module = modules[line:match('[%w_][%w_.]*')]
        if not module or not module.path or module.path == vim.NIL then
          rpc.tell('there is no file of a module on this line')
          return
        end
        local is_absolute = module.path:match('^/') or module.path:match('^%a:')
        scratch.open_file(is_absolute and module.path or base .. '/' .. module.path)
      end,
    })
  end)
end

--- Open the page of a closure in the browser.
---@param client table
---@param uri string
---@param package string|nil
function M.closure_page(client, uri, package)
  rpc.execute(client, 'showClosure', { uri, package }, function(answer)
    local folder = vim.fn.stdpath('cache') .. '/tpkg_lint'
    vim.fn.mkdir(folder, 'p')
    local path = folder .. '/closure-' .. answer.package:gsub('[^%w_.-]', '_') .. '.html'
    local file = assert(io.open(path, 'w'))
    file:write(answer.html)
    file:close()
    if vim.ui.open then
      vim.ui.open(path)
    else
      vim.fn.jobstart({ vim.fn.has('mac') == 1 and 'open' or 'xdg-open', path }, { detach = true })
    end
    rpc.tell('the closure of package ' .. answer.package .. ' is in ' .. path)
  end)
end

--- Show what brings a module into each package, or keeps it out; Enter opens the import of a line.
---@param client table
---@param uri string
---@param module string
function M.why(client, uri, module)
  rpc.execute(client, 'why', { uri, module }, function(answer)
    local parts, names = {}, vim.tbl_keys(answer.packages)
    table.sort(names)
    for _, name in ipairs(names) do
      table.insert(parts, answer.packages[name])
    end
    if #parts == 0 then
      rpc.tell('no package is configured or exported here')
      return
    end
    local base = client.config.root_dir
    scratch.show('why/' .. module, table.concat(parts, '\n'), {
      open = function(line)
        local path, number = line:match('(%S+):(%d+)$')
        if path then
          scratch.open_file(path:match('^/') and path or base .. '/' .. path, tonumber(number))
        end
      end,
    })
  end)
end

--- Show the smallest list of actions under which an export succeeds, or write it where the package is declared.
---@param client table
---@param uri string
---@param package string|nil
---@param is_written boolean
function M.plan(client, uri, package, is_written)
  rpc.execute(client, 'plan', { uri, package }, function(answer)
    if answer.unknown and answer.unknown ~= vim.NIL then
      rpc.tell('what package ' .. answer.package .. ' saves is not known: ' .. answer.unknown, vim.log.levels.ERROR)
      return
    end
    local has_edit = answer.edit and answer.edit ~= vim.NIL
    if is_written and has_edit then
      vim.lsp.util.apply_workspace_edit(answer.edit, client.offset_encoding)
      rpc.tell('the planned actions of package ' .. answer.package .. ' were put in; :wa writes them')
      return
    end
    local is_code = type(answer.uri) == 'string' and answer.uri:match('%.py$')
    local lines = {}
    for name, reason in pairs(answer.left) do
      table.insert(lines, '# no action helps ' .. name .. ': ' .. reason)
    end
    table.sort(lines)
    table.insert(lines, 1, has_edit and '# :TpkgPlan! writes this' or '# as planned already')
    table.insert(lines, is_code and answer.python or answer.toml)
    scratch.show('plan/' .. answer.package, table.concat(lines, '\n'), { filetype = is_code and 'python' or 'toml' })
  end)
end

--- Show the document of a rule.
---@param client table
---@param code string
function M.explain(client, code)
  rpc.execute(client, 'explain', { code }, function(answer)
    local text = '# ' .. answer.code .. ' ' .. answer.name .. '\n\n' .. answer.document
    scratch.show('rule/' .. answer.code, text, { filetype = 'markdown' })
  end)
end

local function of_context(context)
  return assert(vim.lsp.get_client_by_id(context.client_id))
end

--- The commands of the server's lenses and actions, whose answers are for a person.
M.client_commands = {
  ['tpkg-lint.confirm'] = function(command, context)
    M.confirm(of_context(context), command.arguments[1], command.arguments[2])
  end,
  ['tpkg-lint.showClosure'] = function(command, context)
    M.closure(of_context(context), command.arguments[1], command.arguments[2])
  end,
  ['tpkg-lint.explain'] = function(command, context)
    M.explain(of_context(context), command.arguments[1])
  end,
}

return M
