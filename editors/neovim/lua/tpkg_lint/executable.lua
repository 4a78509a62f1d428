-- Where tpkg-lint is: in the environment of the project, or on PATH.
local M = {}

local is_windows = vim.fn.has('win32') == 1
local in_environment = is_windows and '/Scripts/tpkg-lint.exe' or '/bin/tpkg-lint'

--- Return the program for a root; nil and where it was looked for, where there is none.
---@param root string|nil
---@return string|nil, string
function M.find(root)
  local places = {}
  if root then
    for _, name in ipairs({ '.venv', 'venv' }) do
      local program = root .. '/' .. name .. in_environment
      if vim.fn.executable(program) == 1 then
        return program, 'environment of the project'
      end
      table.insert(places, program)
    end
  end
  local found = vim.fn.exepath('tpkg-lint')
  if found ~= '' then
    return found, 'PATH'
  end
  table.insert(places, 'PATH')
  return nil, table.concat(places, ', ')
end

--- Return what to do about a program that is not there.
---@param places string
---@return string
function M.advice(places)
  return 'tpkg-lint was found nowhere: '
    .. places
    .. '. Install it into the environment of the project, `pip install tpkg-lint`, or for all projects, '
    .. "`pipx install tpkg-lint`; or name it in `cmd`, as in { '/path/to/tpkg-lint', 'server' }. See :checkhealth tpkg_lint"
end

return M
