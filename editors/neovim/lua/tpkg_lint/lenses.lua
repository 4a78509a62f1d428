-- Code lenses: Neovim before 0.12 asks for them only when it is told to.
local rpc = require('tpkg_lint.rpc')

local M = {}

local events = { 'BufEnter', 'InsertLeave', 'TextChanged', 'BufWritePost' }

local function refresh(bufnr)
  if vim.api.nvim_buf_is_loaded(bufnr) then
    vim.api.nvim_buf_call(bufnr, function()
      -- 0.9 looks at the current buffer for the number 0 only.
      vim.lsp.codelens.refresh(vim.fn.has('nvim-0.10') == 1 and { bufnr = bufnr } or nil)
    end)
  end
end

--- Show the lenses of a buffer and keep them up to date.
---@param client table
---@param bufnr integer
function M.show(client, bufnr)
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = bufnr })
    return
  end
  local group = vim.api.nvim_create_augroup('tpkg_lint_lenses_' .. bufnr, {})
  vim.api.nvim_create_autocmd(events, {
    group = group,
    buffer = bufnr,
    callback = function()
      if not vim.lsp.buf_is_attached(bufnr, client.id) then
        return true -- the autocommand goes with its client
      end
      refresh(bufnr)
    end,
  })
  refresh(bufnr)
end

--- Answer the server, which has new lenses (workspace/codeLens/refresh).
function M.handler(_, _, context)
  for _, bufnr in ipairs(rpc.buffers(assert(vim.lsp.get_client_by_id(context.client_id)))) do
    refresh(bufnr)
  end
  return vim.NIL
end

return M
