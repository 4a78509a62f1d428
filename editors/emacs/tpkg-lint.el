;;; tpkg-lint.el --- What torch.package will do with your code  -*- lexical-binding: t -*-

;; For Emacs 29 and newer, and for Emacs 28 with the package eglot.  In the init file:
;;
;;   (load "/path/to/tpkg-lint.el")
;;   (add-hook 'python-mode-hook #'eglot-ensure)
;;   (add-hook 'python-ts-mode-hook #'eglot-ensure)

;;; Code:

(require 'eglot)
(require 'jsonrpc)

(defvar tpkg-lint-command nil
  "The command that starts the server; nil to look in the project and on PATH.")

(defvar tpkg-lint-settings nil
  "The settings of the server, as in (:lint (:ignore [\"TPK5\"])).")

(defun tpkg-lint-contact (&optional _interactive project)
  "Return how eglot starts the server for PROJECT."
  (let* ((root (and project (project-root project)))
         (own (and root (expand-file-name ".venv/bin/tpkg-lint" root)))
         (program (if (and own (file-executable-p own)) own (executable-find "tpkg-lint"))))
    (unless (or tpkg-lint-command program)
      (user-error "No tpkg-lint in .venv of the project or on PATH: pip install tpkg-lint"))
    `(,@(or tpkg-lint-command (list program "server"))
      :initializationOptions (:tpkg-lint ,(or tpkg-lint-settings (make-hash-table))))))

;; eglot runs one server for a mode.  With another one for Python, let rassumfrassum or lspx run both, and
;; leave this entry out.
(add-to-list 'eglot-server-programs '((python-mode python-ts-mode) . tpkg-lint-contact))

(defun tpkg-lint--ask (command &rest arguments)
  "Run COMMAND of the server with ARGUMENTS and return its answer."
  (jsonrpc-request (or (eglot-current-server) (user-error "The server is not attached to this buffer"))
                   :workspace/executeCommand
                   (list :command (concat "tpkg-lint." command) :arguments (vconcat arguments))
                   :timeout 120))

(defun tpkg-lint--uri ()
  "Return the URI of the file of this buffer."
  (plist-get (eglot--TextDocumentIdentifier) :uri))

(defun tpkg-lint--show (name text)
  "Show TEXT in the buffer of NAME."
  (with-current-buffer (get-buffer-create (format "*tpkg-lint %s*" name))
    (let ((inhibit-read-only t))
      (erase-buffer)
      (insert text))
    (goto-char (point-min))
    (special-mode)
    (display-buffer (current-buffer))))

(defun tpkg-lint-why (module)
  "Show what brings MODULE into each package, or what keeps it out."
  (interactive (list (read-string "Module: " (thing-at-point 'symbol t))))
  (let* ((answer (tpkg-lint--ask "why" (tpkg-lint--uri) module))
         (texts (plist-get answer :packages)))
    (tpkg-lint--show (concat "why " module)
                     (mapconcat #'identity (seq-filter #'stringp (append texts nil)) "\n"))))

(defun tpkg-lint-closure ()
  "Show what the first package of this file's project will hold."
  (interactive)
  (let ((answer (tpkg-lint--ask "showClosure" (tpkg-lint--uri))))
    (tpkg-lint--show (concat "closure " (plist-get answer :package))
                     (concat (plist-get answer :title) "\n\n" (plist-get answer :tree)))))

(defun tpkg-lint-confirm ()
  "Export the packages of this file's project for real; findings then say what was seen."
  (interactive)
  (save-some-buffers)
  (let ((counts (plist-get (tpkg-lint--ask "confirm" (tpkg-lint--uri)) :findings)))
    (message "Exported for real: %s"
             (if counts
                 (string-join (cl-loop for (verdict count) on counts by #'cddr
                                       collect (format "%s %s" count (substring (symbol-name verdict) 1)))
                              ", ")
               "nothing to confirm"))))

(provide 'tpkg-lint)
;;; tpkg-lint.el ends here
