import email
email.mime.text
