-- A few words for tests: `it` runs one and tells how it ended, `eventually` waits, `finish` ends Neovim with the status.
local M = { notified = {}, failures = 0 }

vim.notify = function(message, level)
  table.insert(M.notified, { message = message, level = level })
end

local function say(...)
  io.stdout:write(table.concat({ ... }), '\n')
end

function M.it(what, test)
  M.notified = {}
  local passed, reason = xpcall(test, debug.traceback)
  say(passed and '  ok ' or '  FAILED ', what)
  if not passed then
    M.failures = M.failures + 1
    say(tostring(reason), '\nnotified: ', vim.inspect(M.notified))
    M.finish() -- what follows would build on it
  end
end

function M.eventually(what, condition)
  local found
  local came = vim.wait(30000, function()
    found = condition()
    return found
  end, 20)
  assert(came, 'waited in vain for ' .. what)
  return found
end

function M.equal(found, wanted)
  assert(vim.deep_equal(found, wanted), 'found ' .. vim.inspect(found) .. ', wanted ' .. vim.inspect(wanted))
end

function M.matches(text, pattern)
  assert(type(text) == 'string' and text:match(pattern), vim.inspect(text) .. ' does not match ' .. pattern)
end

function M.said(pattern)
  return M.eventually('the message ' .. pattern, function()
    for _, item in ipairs(M.notified) do
      if item.message:match(pattern) then
        return item.message
      end
    end
  end)
end

--- Return the codes of the findings in a buffer, sorted.
function M.codes(bufnr)
  local found = vim.tbl_map(function(item)
    return item.code
  end, vim.diagnostic.get(bufnr))
  table.sort(found)
  return table.concat(found, ' ')
end

function M.until_codes(bufnr, wanted)
  M.eventually('the findings ' .. wanted .. ' in place of ' .. M.codes(bufnr), function()
    return M.codes(bufnr) == wanted
  end)
end

function M.text(bufnr)
  return table.concat(vim.api.nvim_buf_get_lines(bufnr, 0, -1, false), '\n')
end

--- Wait for the scratch buffer of a name and return its text.
function M.shown(name)
  return M.eventually('the buffer ' .. name, function()
    return vim.api.nvim_buf_get_name(0) == 'tpkg-lint://' .. name and #M.text(0) > 0 and M.text(0)
  end)
end

function M.finish()
  for _, client in ipairs((vim.lsp.get_clients or vim.lsp.get_active_clients)()) do
    if vim.fn.has('nvim-0.11') == 1 then
      client:stop()
    else
      client.stop()
    end
  end
  vim.wait(5000, function()
    return #(vim.lsp.get_clients or vim.lsp.get_active_clients)() == 0
  end, 20)
  vim.cmd(M.failures == 0 and 'qa!' or 'cquit 1')
end

return M
