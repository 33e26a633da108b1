"""What almost every test starts with."""
