-- Neovim 0.11 and newer reads this for `vim.lsp.enable('tpkg_lint')`; older ones: require('tpkg_lint').setup().
return require('tpkg_lint.client').config()
