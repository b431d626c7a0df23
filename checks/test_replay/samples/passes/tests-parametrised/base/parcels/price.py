def shipping(weight, express=False):
    """Price in cents for a weight in grams; each started kilogram counts."""
    kilograms = -(-weight // 1000)
    return 400 + 100 * kilograms + (300 if express else 0)
