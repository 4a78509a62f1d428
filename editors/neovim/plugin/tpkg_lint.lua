-- Sets each buffer up that tpkg-lint is attached to, however its client was configured and started.
if vim.g.loaded_tpkg_lint or vim.fn.has('nvim-0.9') == 0 then
  return
end
vim.g.loaded_tpkg_lint = true

vim.api.nvim_create_autocmd('LspAttach', {
  group = vim.api.nvim_create_augroup('tpkg_lint_attach', {}),
  callback = function(event)
    local client = vim.lsp.get_client_by_id(event.data.client_id)
    if client and client.name == 'tpkg_lint' then
      require('tpkg_lint.client').attached(client, event.buf)
    end
  end,
})
