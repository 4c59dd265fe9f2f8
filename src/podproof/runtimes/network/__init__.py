"""What pods reach each other by: names, addresses of Services, and ports that are passed on to pods."""
