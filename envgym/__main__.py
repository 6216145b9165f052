"""`python -m envgym`: the command line."""

from envgym.cli import main

if __name__ == "__main__":
    main()
