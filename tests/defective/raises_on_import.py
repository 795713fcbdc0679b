"""family 'tiny' of distribution 'defective' does not load: ZeroDivisionError: division by zero"""

HALF = 1 / 0
