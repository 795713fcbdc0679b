"""`./dev bench`. As `server/__main__.py`, it imports nothing until it runs."""

if __name__ == "__main__":
    from bench.cli import main

    main()
