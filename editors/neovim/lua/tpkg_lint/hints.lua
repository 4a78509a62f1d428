-- Inlay hints: Neovim before 0.12 does not draw new ones of a text for which it has drawn others before.
local rpc = require('tpkg_lint.rpc')

local M = {}

--- Answer the server, which has new hints (workspace/inlayHint/refresh): they are switched off and on again.
function M.handler(_, _, context)
  for _, bufnr in ipairs(rpc.buffers(assert(vim.lsp.get_client_by_id(context.client_id)))) do
    if vim.lsp.inlay_hint.is_enabled({ bufnr = bufnr }) then
      vim.lsp.inlay_hint.enable(false, { bufnr = bufnr })
      vim.lsp.inlay_hint.enable(true, { bufnr = bufnr })
    end
  end
  return vim.NIL
end

return M
