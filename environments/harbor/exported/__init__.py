"""Programs that are written into exported Harbor folders as they are. They use nothing but the standard library and pytest."""
