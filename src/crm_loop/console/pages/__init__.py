"""One file a page: a handler asks the services and names a template."""
