"""What attacks are made of, for who writes them and who runs them: values and the kernel's rules."""
