"""The rules, one file each; this folder's listing is their register."""
