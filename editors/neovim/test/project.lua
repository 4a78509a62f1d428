-- Everything that the plugin does, in a project whose server is on PATH.
local here = vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h')
local t = dofile(here .. '/driving.lua')
local rpc = require('tpkg_lint.rpc')
local it, eventually, equal, matches = t.it, t.eventually, t.equal, t.matches

local has_hints = vim.lsp.inlay_hint ~= nil
local demo = vim.api.nvim_get_current_buf()
local root = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(demo), ':h')
local both = 'TPK101 TPK202'

io.stdout:write(vim.fn.matchstr(vim.fn.execute('version'), 'NVIM v[0-9.]\\+'), '\n')

local function back_to_code()
  vim.cmd('silent! only')
  vim.api.nvim_set_current_buf(demo)
end

local function discard_changes(name)
  vim.api.nvim_set_current_buf(vim.fn.bufnr(root .. '/' .. name))
  vim.cmd('silent edit!')
  back_to_code()
end

--- Choose the code action whose title begins so, for the line of a finding, as a person would.
local function choose_action(lnum, col, title)
  back_to_code()
  vim.api.nvim_win_set_cursor(0, { lnum + 1, col })
  vim.lsp.buf.code_action({
    apply = true,
    filter = function(action)
      return vim.startswith(action.title, title)
    end,
  })
end

it('finds at byte columns, behind an emoji too', function()
  t.until_codes(demo, both)
  local found = vim.diagnostic.get(demo)
  table.sort(found, function(a, b)
    return a.lnum < b.lnum
  end)
  equal({ found[1].code, found[1].lnum, found[1].source }, { 'TPK101', 1, 'tpkg-lint' })
  local line = vim.api.nvim_buf_get_lines(demo, 3, 4, false)[1]
  equal({ found[2].lnum, found[2].col }, { 3, line:find('importlib', 1, true) - 1 })
  equal(line:sub(found[2].col + 1, found[2].end_col), 'importlib.import_module("other")')
end)

it('has the project as its root', function()
  equal(rpc.client(demo).config.root_dir, root)
  eventually('quiescence', function()
    return require('tpkg_lint').status(demo) == 'tpkg-lint'
  end)
  equal(require('tpkg_lint').status(vim.api.nvim_create_buf(false, true)), '')
end)

it('hovers', function()
  vim.api.nvim_win_set_cursor(0, { 2, 8 })
  vim.lsp.buf.hover()
  local text = eventually('the hover', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then
        return t.text(vim.api.nvim_win_get_buf(window))
      end
    end
  end)
  matches(text, 'other.* in package .*demo')
  vim.cmd('silent! fclose!')
  back_to_code()
end)

it('shows inlay hints where Neovim has them', function()
  if not has_hints then
    return
  end
  equal(vim.lsp.inlay_hint.is_enabled({ bufnr = demo }), true)
  local hints = eventually('the hints', function()
    local found = vim.lsp.inlay_hint.get({ bufnr = demo })
    return #found > 0 and found
  end)
  local label = hints[1].inlay_hint.label
  equal(type(label) == 'string' and label or label[1].value, 'extern')
end)

it('shows code lenses, and runs them', function()
  vim.cmd.edit(root .. '/pyproject.toml')
  local config = vim.api.nvim_get_current_buf()
  local titles = eventually('the lenses', function()
    local found = vim.tbl_map(function(item)
      return (item.lens or item).command.title
    end, vim.lsp.codelens.get(vim.lsp.codelens.enable and { bufnr = config } or config))
    return #found == 4 and table.concat(found, '; ')
  end)
  matches(titles, '1 interned, 1 extern, 1 broken, raises PackagingError')
  matches(titles, 'confirm')
  vim.ui.select = function(items, options, done)
    for index, item in ipairs(items) do
      if (options.format_item or tostring)(item):match('interned') then
        return done(item, index)
      end
    end
  end
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
  vim.lsp.codelens.run()
  matches(t.shown('closure/demo'), '^demo: 1 interned')
  back_to_code()
end)

it('ignores a finding on its line', function()
  choose_action(3, 25, 'Ignore TPK202 on this line')
  t.until_codes(demo, 'TPK101')
  matches(t.text(demo), '😀.*# tpkg: ignore%[TPK202%]')
  vim.cmd('silent undo')
  t.until_codes(demo, both)
end)

it('mends a finding in another file', function()
  choose_action(1, 8, 'Add intern "other')
  t.until_codes(demo, 'TPK202')
  local config = vim.fn.bufnr(root .. '/pyproject.toml')
  matches(t.text(config), '{ intern = "other" }')
  discard_changes('pyproject.toml')
  t.until_codes(demo, both)
end)

it('explains by a code action', function()
  choose_action(1, 8, 'Explain TPK101')
  matches(t.shown('rule/TPK101'), '^# TPK101 no%-action.*## Why is this bad')
  equal(vim.bo.filetype, 'markdown')
  back_to_code()
end)

it('says why, for the module under the cursor and for a named one', function()
  vim.api.nvim_win_set_cursor(0, { 2, 8 })
  vim.cmd('TpkgWhy')
  matches(t.shown('why/other'), 'demo %-> other  demo.py:2')
  vim.fn.search('demo.py:2$')
  vim.cmd('normal ' .. vim.api.nvim_replace_termcodes('<CR>', true, false, true))
  equal({ vim.api.nvim_get_current_buf(), vim.api.nvim_win_get_cursor(0)[1] }, { demo, 2 })
  back_to_code()
  vim.cmd('TpkgWhy torch')
  matches(t.shown('why/torch'), 'not in package demo')
  back_to_code()
end)

it('shows a closure as a tree whose lines open files', function()
  vim.cmd('TpkgClosure demo')
  matches(t.shown('closure/demo'), 'demo  intern %(saved%).*importlib  extern.*other  NO_ACTION')
  equal(vim.bo.modifiable, false)
  vim.fn.search('demo  intern')
  vim.cmd('normal ' .. vim.api.nvim_replace_termcodes('<CR>', true, false, true))
  equal(vim.api.nvim_get_current_buf(), demo)
  vim.cmd('TpkgClosure demo')
  t.shown('closure/demo')
  equal(#vim.api.nvim_tabpage_list_wins(0), 2)
  vim.cmd('normal q')
  equal(vim.api.nvim_get_current_buf(), demo)
  vim.cmd('TpkgClosure nothing')
  t.said('there is no package nothing here')
end)

it('opens the page of a closure in the browser', function()
  vim.cmd('TpkgClosure! demo')
  local opened = eventually('the page', function()
    local file = io.open(vim.env.TPKG_OPENED)
    local path = file and file:read('*l')
    return path and vim.trim(path) ~= '' and path
  end)
  local file = assert(io.open(opened))
  matches(file:read('*a'), '<title>demo %- closure</title>')
  file:close()
  t.said('the closure of package demo is in')
end)

it('plans, and writes the plan', function()
  vim.cmd('TpkgPlan demo')
  matches(t.shown('plan/demo'), '{ intern = "other" }')
  back_to_code()
  vim.cmd('TpkgPlan! demo')
  t.said('the planned actions of package demo were put in')
  t.until_codes(demo, 'TPK202')
  discard_changes('pyproject.toml')
  t.until_codes(demo, both)
end)

it('completes packages and modules', function()
  equal(vim.fn.getcompletion('TpkgClosure ', 'cmdline'), { 'demo', 'small' })
  equal(vim.fn.getcompletion('TpkgWhy o', 'cmdline'), { 'other' })
end)

it('does not export what is not written', function()
  vim.api.nvim_buf_set_lines(demo, -1, -1, false, { '# changed' })
  vim.cmd('TpkgConfirm')
  matches(t.said('not written'), 'demo.py; use :TpkgConfirm!')
end)

it('confirms by a real export', function()
  vim.cmd('TpkgConfirm!')
  matches(t.said('exported for real: '), '%d+ confirmed')
  equal(vim.bo[demo].modified, false)
end)

it('begins anew', function()
  vim.cmd('TpkgRestart')
  t.said('begins anew')
  t.until_codes(demo, both)
end)

it('takes settings', function()
  local client = rpc.client(demo)
  client.config.settings['tpkg-lint'] = { lint = { ignore = { 'TPK2' } } }
  client.settings = client.config.settings
  local params = { settings = client.config.settings }
  if vim.fn.has('nvim-0.11') == 1 then
    client:notify('workspace/didChangeConfiguration', params)
  else
    client.notify('workspace/didChangeConfiguration', params)
  end
  t.until_codes(demo, 'TPK101')
end)

it('is healthy', function()
  vim.cmd('checkhealth tpkg_lint')
  local text = eventually('the report', function()
    return vim.bo.filetype == 'checkhealth' and t.text(0):match('package demo') and t.text(0)
  end)
  matches(text, 'OK.* tpkg%-lint %d+%.%d+%.%d+: .*bin/tpkg%-lint %(PATH%)')
  matches(text, 'attached to 2 buffer')
  matches(text, 'diagnostics are pu')
  matches(text, 'package demo of .*: %d interned')
  assert(not text:match('ERROR') and not text:match('WARNING'), text)
  vim.cmd('silent! bdelete')
end)

it('leaves other configuration alone', function()
  vim.fn.writefile({ 'a = 1' }, root .. '/other.toml')
  vim.cmd.edit(root .. '/other.toml')
  vim.wait(300)
  equal(rpc.client(vim.api.nvim_get_current_buf()), nil)
  equal(vim.fn.exists(':TpkgWhy'), 0)
end)

it('has a help file', function()
  local doc = vim.fn.fnamemodify(here, ':h') .. '/doc'
  local copy = vim.fn.tempname() .. '/doc'
  vim.fn.mkdir(copy, 'p')
  vim.fn.writefile(vim.fn.readfile(doc .. '/tpkg_lint.txt'), copy .. '/tpkg_lint.txt')
  vim.cmd('helptags ' .. copy)
  vim.opt.runtimepath:prepend(vim.fn.fnamemodify(copy, ':h'))
  for _, tag in ipairs({ 'tpkg_lint', ':TpkgConfirm', ':TpkgWhy', ':TpkgClosure', ':TpkgPlan', ':TpkgRestart' }) do
    vim.cmd('noautocmd help ' .. tag)
    matches(vim.api.nvim_buf_get_name(0), 'tpkg_lint%.txt$')
    vim.cmd('helpclose')
  end
end)

if vim.lsp.buf.workspace_diagnostics then
  it('shows the findings of files that are not open, once that is wanted', function()
    local client = rpc.client(demo)
    local uri = vim.uri_from_bufnr(demo)
    client.settings = { ['tpkg-lint'] = { diagnosticMode = 'workspace' } }
    vim.cmd('bwipeout! ' .. demo)
    client:notify('workspace/didChangeConfiguration', { settings = client.settings })
    eventually('findings of all files', function()
      vim.lsp.buf.workspace_diagnostics({ client_id = client.id })
      return t.codes(vim.uri_to_bufnr(uri)) == both
    end)
  end)
end

t.finish()
