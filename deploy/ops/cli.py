"""The `rebilling` command."""

import asyncio
import json
import os
from pathlib import Path
from typing import Annotated

import typer

from embedded.datadir import DataDir
from embedded.jars import JarsUnusable
from embedded.part import PartFailed
from ops.identity import identity_in
from ops.screen import Screen
from ops.system import has_own_issuer, system_of
from ops.up import Run, live
from shared.contracts.forms import is_partner_id

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="End-customer management for resellers, on one machine.",
)

DataDirOption = Annotated[Path, typer.Option(help="Where everything is kept; taken up where it stopped.")]
EndpointsOption = Annotated[Path | None, typer.Option(help="Where addresses, pids and a token are written as JSON.")]


@app.command()
def up(
    data_dir: DataDirOption = Path(".data"),
    endpoints_file: EndpointsOption = None,
    empty: Annotated[bool, typer.Option("--empty", help="Without the sample partner's data.")] = False,
    instances: Annotated[int, typer.Option(min=1, max=16, help="How many of each service.")] = 1,
) -> None:
    """Start Kafka, the document store, the three services, the simulators and a mail sink; Ctrl-C stops all.

    Where REBILLING_KAFKA__BOOTSTRAP_SERVERS, REBILLING_MONGODB__URI or REBILLING_SMTP__HOST is set, it uses that.
    """
    screen = Screen()
    try:
        with screen:
            run = _prepared(data_dir, endpoints_file, empty=empty, instances=instances, screen=screen)
        asyncio.run(live(run))
    except (PartFailed, JarsUnusable) as error:
        screen.tell(str(error), "red")
        raise typer.Exit(1) from None
    except KeyboardInterrupt:
        pass
    screen.tell("stopped")


def _prepared(data_dir: Path, endpoints_file: Path | None, *, empty: bool, instances: int, screen: Screen) -> Run:
    data = DataDir(data_dir)
    identity = identity_in(data.path)
    system = system_of(data, identity, os.environ, instances=instances, say=screen.say)
    return Run(
        system=system,
        identity=identity,
        token="" if has_own_issuer(os.environ) else identity.token(identity.partner_id),
        data_dir=data.path,
        endpoints_file=(endpoints_file or data.path / "endpoints.json").absolute(),
        empty=empty,
        screen=screen,
    )


@app.command()
def token(
    partner_id: Annotated[str, typer.Argument(help="The tenant that the token is for.")],
    endpoints_file: Annotated[Path, typer.Option(help="The file of a running embedded system.")] = Path(
        ".data/endpoints.json"
    ),
) -> None:
    """Print a bearer token for a partner of a running embedded system."""
    if not is_partner_id(partner_id):
        typer.echo("a partner id has 1 to 100 visible characters", err=True)
        raise typer.Exit(1)
    try:
        endpoints = json.loads(endpoints_file.read_text())
        data_dir = Path(endpoints["data_dir"])
    except (OSError, ValueError, KeyError, TypeError):
        typer.echo(f"{endpoints_file} is not the endpoints file of a running system; give --endpoints-file", err=True)
        raise typer.Exit(1) from None
    if not endpoints.get("token"):
        typer.echo("that system's tokens come from another issuer (REBILLING_AUTH__…); ask it for one", err=True)
        raise typer.Exit(1)
    typer.echo(identity_in(data_dir).token(partner_id))


def main() -> None:
    app()
