"""What several tests share: worlds to test on, and how to find what the machine offers."""
