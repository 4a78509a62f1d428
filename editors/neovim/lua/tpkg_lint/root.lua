-- Which files concern the server, and where their project begins.
local M = {}

M.markers = { 'tpkg-lint.toml', '.tpkg-lint.toml', 'pyproject.toml', 'setup.py', '.git' }
M.filetypes = { 'python', 'toml' }

local configuration = { ['tpkg-lint.toml'] = true, ['.tpkg-lint.toml'] = true, ['pyproject.toml'] = true }

--- Tell whether there is anything to see in a buffer: Python, or a configuration of tpkg-lint.
---@param bufnr integer
---@return boolean
function M.concerns(bufnr)
  if vim.bo[bufnr].buftype ~= '' then
    return false
  end
  local name = vim.fs.basename(vim.api.nvim_buf_get_name(bufnr))
  return vim.bo[bufnr].filetype ~= 'toml' or configuration[name] == true
end

--- Return the folder of the project of a buffer; that of the file where no marker lies above it.
---@param bufnr integer
---@return string|nil
function M.of(bufnr)
  local name = bufnr >= 0 and vim.api.nvim_buf_get_name(bufnr) or ''
  if name == '' then
    return (vim.uv or vim.loop).cwd()
  end
  local folder = vim.fs.dirname(name)
  local found = vim.fs.find(M.markers, { path = folder, upward = true })[1]
  return vim.fs.normalize(found and vim.fs.dirname(found) or folder)
end

return M
