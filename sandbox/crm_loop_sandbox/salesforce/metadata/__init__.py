"""What an administrator deploys: objects, fields, permission sets, pages, and their removal."""
