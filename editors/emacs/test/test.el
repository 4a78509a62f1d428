;;; test.el --- The file for Emacs, in a real Emacs with a real server  -*- lexical-binding: t -*-

(when (< emacs-major-version 29) ; Debian's elpa-eglot is a package
  (require 'package)
  (package-initialize))
(load (expand-file-name "../tpkg-lint.el" (file-name-directory load-file-name)))
(setq eglot-confirm-server-initiated-edits nil eglot-confirm-server-edits nil eglot-sync-connect 30 eglot-autoshutdown t)

(defun wait-for (what condition)
  "Return what CONDITION does as soon as that is not nil; WHAT is named where it never is."
  (let ((end (+ (float-time) 60)) found)
    (while (and (not (setq found (funcall condition))) (< (float-time) end))
      (accept-process-output nil 0.05))
    (or found (error "Waited in vain for %s" what))))

(defun codes ()
  "Return the codes of the findings in this buffer, sorted."
  (sort (mapcar (lambda (it)
                  (and (string-match "TPK[0-9]+" (flymake-diagnostic-text it)) (match-string 0 (flymake-diagnostic-text it))))
                (flymake-diagnostics))
        #'string<))

(defun until-codes (&rest wanted)
  (wait-for (format "%S" wanted) (lambda () (equal (codes) wanted))))

(defun equal-or-fail (found wanted)
  (unless (equal found wanted) (error "Found %S, wanted %S" found wanted)))

(defun matches-or-fail (text pattern)
  (unless (string-match-p pattern text) (error "%S does not match %S" text pattern)))

(defmacro it (what &rest body)
  (declare (indent 1))
  `(progn ,@body (princ (format "  ok %s\n" ,what))))

(princ (format "Emacs %s\n" emacs-version))
(condition-case failure
    (progn
      (find-file (getenv "TPKG_FILE"))
      (python-mode)
      (apply #'eglot (eglot--guess-contact))
      (flymake-start)

      (it "finds at the columns that Emacs counts, behind an emoji too"
        (until-codes "TPK101" "TPK202")
        (let ((texts (mapcar (lambda (it) (buffer-substring-no-properties (flymake-diagnostic-beg it) (flymake-diagnostic-end it)))
                             (flymake-diagnostics))))
          (equal-or-fail (sort texts #'string<) '("importlib.import_module(\"other\")" "other"))))

      (it "hovers"
        (goto-char (point-min))
        (search-forward "import other")
        (backward-char 2)
        (let ((hover (jsonrpc-request (eglot-current-server) :textDocument/hover (eglot--TextDocumentPositionParams))))
          (matches-or-fail (eglot--hover-info (plist-get hover :contents)) "other.* in package .*demo")))

      (it "applies a code action"
        (let* ((found (seq-find (lambda (it) (string-match-p "TPK202" (flymake-diagnostic-text it))) (flymake-diagnostics)))
               (actions (jsonrpc-request
                         (eglot-current-server) :textDocument/codeAction
                         (list :textDocument (eglot--TextDocumentIdentifier)
                               :range (list :start (eglot--pos-to-lsp-position (flymake-diagnostic-beg found))
                                            :end (eglot--pos-to-lsp-position (flymake-diagnostic-end found)))
                               :context (list :diagnostics []))))
               (ignore (seq-find (lambda (it) (equal (plist-get it :title) "Ignore TPK202 on this line")) actions)))
          (unless (plist-get ignore :edit)
            (setq ignore (jsonrpc-request (eglot-current-server) :codeAction/resolve ignore)))
          (eglot--apply-workspace-edit (plist-get ignore :edit)))
        (eglot--signal-textDocument/didChange) ; batch Emacs runs no idle timers
        (until-codes "TPK101")
        (matches-or-fail (buffer-string) "😀.*# tpkg: ignore\\[TPK202\\]"))

      (it "says why and shows the closure"
        (tpkg-lint-why "other")
        (matches-or-fail (with-current-buffer "*tpkg-lint why other*" (buffer-string)) "demo -> other  demo.py:2")
        (tpkg-lint-closure)
        (matches-or-fail (with-current-buffer "*tpkg-lint closure demo*" (buffer-string)) "demo  intern (saved)"))

      (it "confirms by a real export"
        (save-buffer)
        (tpkg-lint-confirm)
        (matches-or-fail (with-current-buffer "*Messages*" (buffer-string)) "Exported for real: [0-9]+ confirmed"))

      (set-buffer-modified-p nil)
      (eglot-shutdown-all)
      (kill-emacs 0))
  (error
   (princ (format "  FAILED %s\n" (error-message-string failure)))
   (kill-emacs 1)))
