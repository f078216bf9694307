"""Every system under test, in the order of the report."""

from systems.culvert import CulvertIpsecMb, CulvertJce, CulvertNull
from systems.fastd import Fastd
from systems.libipsec import Libipsec
from systems.nebula import Nebula
from systems.openssh import SshForward, SshTun
from systems.openvpn import OpenVpn
from systems.plain import PlainRouting
from systems.stunnel import Stunnel
from systems.tinc import Tinc
from systems.wireguard_go import WireguardGo

ALL = (PlainRouting, CulvertNull, CulvertIpsecMb, CulvertJce, WireguardGo, SshForward, Stunnel, Fastd, OpenVpn, Nebula, Tinc,
       Libipsec, SshTun)
