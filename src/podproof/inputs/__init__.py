"""Where objects come from: files, folders, standard input. Nothing is dropped without a reason."""
