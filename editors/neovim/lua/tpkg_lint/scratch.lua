-- Texts that belong to no file, each in a window of its own that `q` closes.
local M = {}

--- Show lines under a name; a text of that name that is shown already is replaced.
---@param name string
---@param text string
---@param options table|nil `filetype`, and `open`: what Enter does with the line under the cursor
---@return integer bufnr
function M.show(name, text, options)
  options = options or {}
  local uri = 'tpkg-lint://' .. name
  local bufnr = vim.fn.bufadd(uri)
  vim.fn.bufload(bufnr)
  local window = vim.fn.bufwinid(bufnr)
  if window == -1 then
    vim.cmd('botright split')
    window = vim.api.nvim_get_current_win()
    vim.api.nvim_win_set_buf(window, bufnr)
  else
    vim.api.nvim_set_current_win(window)
  end
  local lines = vim.split((text:gsub('\n+$', '')), '\n')
  vim.bo[bufnr].buftype = 'nofile'
  vim.bo[bufnr].bufhidden = 'wipe'
  vim.bo[bufnr].swapfile = false
  vim.bo[bufnr].modifiable = true
  vim.api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  vim.bo[bufnr].modifiable = false
  vim.bo[bufnr].filetype = options.filetype or 'tpkg-lint'
  vim.wo[window].wrap = false
  vim.api.nvim_win_set_height(window, math.max(3, math.min(#lines, math.floor(vim.o.lines / 2))))
  vim.api.nvim_win_set_cursor(window, { 1, 0 })
  vim.keymap.set('n', 'q', '<Cmd>close<CR>', { buffer = bufnr, nowait = true, desc = 'Close' })
  if options.open then
    vim.keymap.set('n', '<CR>', function()
      options.open(vim.api.nvim_get_current_line())
    end, { buffer = bufnr, nowait = true, desc = 'Open the file of this line' })
  end
  return bufnr
end

--- Open a file at a line, in the window that was the current one before.
---@param path string
---@param line integer|nil counted from 1
function M.open_file(path, line)
  vim.cmd('wincmd p')
  -- Not :edit, which reads a file anew that is open already.
  local bufnr = vim.fn.bufadd(path)
  vim.bo[bufnr].buflisted = true
  vim.api.nvim_win_set_buf(0, bufnr)
  if line then
    vim.api.nvim_win_set_cursor(0, { math.min(line, vim.api.nvim_buf_line_count(0)), 0 })
  end
end

return M
