"""What an operator is, and how graphs of operators run in numpy under an arithmetic."""
