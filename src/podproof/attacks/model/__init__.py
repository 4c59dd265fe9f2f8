"""What attacks are made of, for those who write them and those who run them: values and kernel rules."""
