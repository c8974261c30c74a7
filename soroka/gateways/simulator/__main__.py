from soroka.gateways.simulator.command import simulate_gateway

if __name__ == "__main__":
    simulate_gateway()
