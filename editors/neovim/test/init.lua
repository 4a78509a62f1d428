-- The configuration of somebody who has put the plugin on their runtime path.
vim.opt.runtimepath:prepend(vim.fn.fnamemodify(debug.getinfo(1, 'S').source:sub(2), ':p:h:h'))
vim.o.swapfile = false
-- Releases of Neovim bring the grammars of Markdown and of help files, packages of Debian do not.
local highlight = vim.treesitter.start
vim.treesitter.start = function(...)
  pcall(highlight, ...)
end
vim.cmd('filetype plugin indent on')
if vim.fn.has('nvim-0.11') == 1 then
  vim.lsp.enable('tpkg_lint')
else
  require('tpkg_lint').setup()
end
