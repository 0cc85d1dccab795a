# The back office
word-role-owner = Owner
word-role-operator = Operator
word-role-service = Service
word-role-finance = Finance
word-role-read_only = Read only
rail-today = Today
rail-catalog = Catalog
rail-orders = Orders
rail-settings = Settings
pages = Pages
to-first-page = First page
next-page = Next page
error-permission-title = Not permitted
error-permission = Your account may not use this page. Ask the owner to change your role if you need it.
error-form-title = This page is out of date
error-form = Go back, reload the page and send the form again. Copy what you typed first.
