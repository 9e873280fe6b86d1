"""What is to go wrong, as a test says it."""

from qbwc_server.simulator import FaultPlan
from qbwc_server.testing.office import WebConnector


class Faults:
    """Has things go wrong between QuickBooks, the Web Connector and the server."""

    def __init__(self, web_connector: WebConnector) -> None:
        self._web_connector = web_connector

    def __call__(self, *words: str) -> FaultPlan:
        """From now on these go wrong, and nothing else; without any, nothing does.

        Args:
            words: each as ``qbwc-server simulate --fault`` takes it: what, where, and the how-manieth from now on
                (``drop-after@receiveResponseXML#1``, ``kill#2:3``, ``wrong-file``).

        Returns:
            The plan; `fired` tells what went wrong.

        Raises:
            SimulatorError: there is no such fault.
        """
        plan = FaultPlan.of(words)
        self._web_connector.faults = plan
        return plan
