-- A machine without tpkg-lint: it is said once, with a way out, and a program in the project is found.
local here = vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h')
local before = vim.fn.execute('messages')
local t = dofile(here .. '/driving.lua')
local it, equal, matches = t.it, t.equal, t.matches
local demo = vim.api.nvim_get_current_buf()
local root = vim.fn.fnamemodify(vim.api.nvim_buf_get_name(demo), ':h')

it('says that there is no program, once', function()
  local pattern = 'tpkg%-lint was found nowhere: .*PATH.*pip install tpkg%-lint.*:checkhealth tpkg_lint'
  matches(before:match('found nowhere') and before or t.said('found nowhere'), pattern)
  assert(not before:match('stack traceback'), before)
  t.notified = {}
  vim.cmd.edit(root .. '/other.py')
  vim.wait(300)
  equal(t.notified, {})
  equal(require('tpkg_lint.rpc').client(), nil)
end)

it('says so in its health report, with advice', function()
  vim.cmd('checkhealth tpkg_lint')
  local text = t.eventually('the report, in place of ' .. t.text(0), function()
    return vim.bo.filetype == 'checkhealth' and t.text(0):match('no server') and t.text(0)
  end)
  matches(text, 'ERROR.* no tpkg%-lint: .*pip install tpkg%-lint')
  matches(text, 'WARNING.* no server is running')
  vim.cmd('silent! bdelete')
end)

it('finds a program in the environment of the project', function()
  vim.fn.mkdir(root .. '/.venv/bin', 'p')
  assert((vim.uv or vim.loop).fs_symlink(vim.env.TPKG_PROGRAM, root .. '/.venv/bin/tpkg-lint'))
  vim.cmd.edit(root .. '/demo.py')
  vim.cmd('silent edit')
  t.eventually('a client', function()
    return require('tpkg_lint.rpc').client(0) ~= nil
  end)
  t.eventually('findings', function()
    return #vim.diagnostic.get(0) > 0
  end)
end)

t.finish()
