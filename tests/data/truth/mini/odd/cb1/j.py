async def main():
    import nothere_a
async def other():
    async with x as y: import nothere_b
