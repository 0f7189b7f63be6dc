"""placeholder"""
def record_all(options):
    return 0
