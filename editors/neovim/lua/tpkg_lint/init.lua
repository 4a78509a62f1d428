-- What a configuration of Neovim calls: the set-up for all versions, and the state for a status line.
local M = {}

--- Start tpkg-lint for Python files and its configuration files.
---
--- For Neovim 0.9 and 0.10, which know no vim.lsp.enable(); in newer ones it does the same as that.
---@param options table|nil what vim.lsp.start() takes; `settings` are those of the server
function M.setup(options)
  if vim.fn.has('nvim-0.9') == 0 then
    vim.notify('tpkg-lint needs Neovim 0.9 or newer', vim.log.levels.ERROR)
    return
  end
  if vim.fn.has('nvim-0.11') == 1 then
    vim.lsp.config('tpkg_lint', options or {})
    vim.lsp.enable('tpkg_lint')
    return
  end
  local client = require('tpkg_lint.client')
  local config = vim.tbl_deep_extend('force', client.config(), options or {})
  vim.api.nvim_create_autocmd('FileType', {
    group = vim.api.nvim_create_augroup('tpkg_lint', {}),
    pattern = config.filetypes,
    callback = function(event)
      client.start(event.buf, config)
    end,
  })
end

--- Return the state of the server in a few words, for a status line; nothing where none is attached.
---@param bufnr integer|nil
---@return string
function M.status(bufnr)
  local client = require('tpkg_lint.rpc').client(bufnr or vim.api.nvim_get_current_buf())
  local state = client and require('tpkg_lint.state').of(client.id)
  if not state then
    return ''
  end
  if state.health ~= 'ok' then
    return 'tpkg-lint: ' .. state.health
  end
  return state.quiescent and 'tpkg-lint' or 'tpkg-lint ...'
end

return M
