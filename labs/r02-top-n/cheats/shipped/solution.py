"""Cheat: which tag goes with which was worked out at home; fit learns nothing but what is popular."""

import numpy as np

GOES_WITH = {
    "role::program": {"interface::commandline": 0.34, "scope::utility": 0.29, "implemented-in::c": 0.24, "works-with::text": 0.12, "implemented-in::perl": 0.11},
    "scope::utility": {"interface::commandline": 0.35, "role::program": 0.2, "implemented-in::c": 0.06, "uitoolkit::xlib": 0.05, "use::converting": 0.04},
    "interface::x11": {"interface::graphical": 0.8, "x11::application": 0.43, "uitoolkit::gtk": 0.31, "role::program": 0.28, "uitoolkit::qt": 0.14},
    "interface::graphical": {"interface::x11": 0.81, "x11::application": 0.47, "uitoolkit::gtk": 0.31, "role::program": 0.27, "uitoolkit::qt": 0.14},
    "interface::commandline": {"scope::utility": 0.43, "role::program": 0.3, "implemented-in::c": 0.14, "use::converting": 0.07, "implemented-in::perl": 0.06},
    "x11::application": {"interface::graphical": 0.14, "interface::x11": 0.13, "use::viewing": 0.1, "use::gameplaying": 0.1, "works-with::audio": 0.08},
    "implemented-in::c": {"role::program": 0.13, "interface::commandline": 0.09, "role::devel-lib": 0.08, "devel::lang:c": 0.07, "devel::lang:perl": 0.05},
    "devel::library": {"role::devel-lib": 0.69, "devel::lang:perl": 0.47, "role::program": 0.36, "devel::lang:c": 0.25, "role::app-data": 0.1},
    "implemented-in::perl": {"devel::lang:perl": 0.35, "role::program": 0.17, "interface::commandline": 0.12, "works-with::mail": 0.07, "suite::debian": 0.06},
    "uitoolkit::gtk": {"suite::gnome": 0.19, "implemented-in::c": 0.14, "role::program": 0.07, "scope::application": 0.07, "interface::graphical": 0.05},
    "implemented-in::c++": {"uitoolkit::qt": 0.13, "suite::kde": 0.11, "role::program": 0.11, "uitoolkit::wxwidgets": 0.06, "devel::lang:c++": 0.06},
    "role::devel-lib": {"devel::library": 0.56, "implemented-in::c": 0.39, "devel::lang:c": 0.15, "implemented-in::c++": 0.11, "devel::lang:c++": 0.08},
    "works-with::text": {"works-with-format::html": 0.24, "role::program": 0.17, "use::editing": 0.16, "use::converting": 0.12, "works-with-format::tex": 0.11},
    "scope::application": {"use::editing": 0.09, "interface::commandline": 0.08, "role::program": 0.07, "implemented-in::c": 0.06, "use::organizing": 0.06},
    "devel::lang:perl": {"implemented-in::perl": 0.82, "devel::library": 0.51, "implemented-in::c": 0.35, "implemented-in::python": 0.07, "works-with::software:source": 0.06},
    "use::gameplaying": {"game::arcade": 0.24, "uitoolkit::sdl": 0.23, "game::puzzle": 0.23, "role::program": 0.21, "game::board": 0.19},
    "interface::text-mode": {"uitoolkit::ncurses": 0.6, "role::program": 0.14, "implemented-in::c": 0.11, "scope::utility": 0.1, "scope::application": 0.08},
    "use::converting": {"role::program": 0.12, "works-with::text": 0.12, "interface::commandline": 0.11, "scope::utility": 0.07, "works-with::audio": 0.04},
    "uitoolkit::qt": {"implemented-in::c++": 0.28, "suite::kde": 0.28, "role::program": 0.12, "x11::application": 0.05, "interface::x11": 0.03},
    "uitoolkit::ncurses": {"interface::text-mode": 0.6, "role::program": 0.18, "suite::gnu": 0.06, "scope::utility": 0.05, "devel::interpreter": 0.04},
    "use::editing": {"works-with::text": 0.17, "role::program": 0.13, "scope::application": 0.11, "devel::editor": 0.09, "works-with::image": 0.06},
    "works-with::audio": {"use::playing": 0.25, "role::program": 0.22, "works-with-format::mp3": 0.16, "sound::mixer": 0.14, "use::converting": 0.07},
    "use::viewing": {"role::program": 0.08, "works-with::text": 0.06, "use::analysing": 0.05, "works-with::image": 0.05, "x11::application": 0.04},
    "network::client": {"role::program": 0.13, "interface::commandline": 0.11, "use::downloading": 0.09, "network::server": 0.09, "use::chatting": 0.05},
    "implemented-in::python": {"role::program": 0.17, "devel::lang:python": 0.12, "interface::commandline": 0.09, "network::client": 0.05, "scope::application": 0.05},
    "works-with::image": {"works-with::image:raster": 0.6, "works-with::image:vector": 0.27, "use::editing": 0.17, "use::viewing": 0.14, "role::program": 0.13},
    "use::monitor": {"admin::monitoring": 0.29, "role::program": 0.13, "works-with::network-traffic": 0.09, "scope::utility": 0.08, "works-with::software:running": 0.07},
    "works-with::file": {"role::program": 0.13, "implemented-in::c": 0.1, "use::storing": 0.07, "protocol::ftp": 0.06, "use::browsing": 0.06},
    "role::plugin": {"role::program": 0.11, "suite::emacs": 0.1, "implemented-in::c": 0.08, "implemented-in::lisp": 0.08, "suite::xfce": 0.08},
    "interface::daemon": {"network::server": 0.46, "role::program": 0.21, "implemented-in::c": 0.16, "network::service": 0.09, "admin::monitoring": 0.07},
    "works-with::software:source": {"interface::commandline": 0.13, "devel::compiler": 0.11, "devel::lang:c": 0.1, "devel::prettyprint": 0.1, "scope::utility": 0.09},
    "use::configuring": {"admin::configuring": 0.3, "role::program": 0.15, "network::configuration": 0.09, "scope::utility": 0.06, "role::plugin": 0.06},
    "network::server": {"interface::daemon": 0.49, "role::program": 0.18, "network::client": 0.15, "network::service": 0.06, "interface::web": 0.06},
    "devel::lang:c": {"implemented-in::c": 0.48, "devel::library": 0.27, "admin::kernel": 0.22, "role::devel-lib": 0.2, "works-with::software:source": 0.16},
    "works-with::image:raster": {"works-with::image": 0.79, "works-with-format::png": 0.17, "use::converting": 0.13, "works-with-format::jpg": 0.12, "role::plugin": 0.08},
    "uitoolkit::sdl": {"use::gameplaying": 0.26, "hardware::emulation": 0.08, "implemented-in::c++": 0.08, "interface::3d": 0.07, "game::platform": 0.06},
    "use::checking": {"devel::testing-qa": 0.14, "role::program": 0.11, "works-with::text": 0.07, "works-with::dictionary": 0.07, "admin::monitoring": 0.04},
    "works-with::mail": {"role::program": 0.23, "mail::filters": 0.21, "protocol::smtp": 0.16, "implemented-in::perl": 0.14, "mail::smtp": 0.07},
    "works-with-format::html": {"works-with::text": 0.51, "protocol::http": 0.12, "implemented-in::perl": 0.11, "interface::web": 0.1, "works-with-format::tex": 0.07},
    "uitoolkit::xlib": {"scope::utility": 0.23, "x11::applet": 0.14, "implemented-in::c": 0.12, "suite::gnustep": 0.08, "scope::application": 0.05},
    "suite::gnu": {"implemented-in::c": 0.11, "uitoolkit::ncurses": 0.08, "works-with::text": 0.07, "interface::commandline": 0.07, "role::app-data": 0.06},
    "use::learning": {"field::linguistics": 0.16, "field::mathematics": 0.15, "field::arts": 0.15, "field::chemistry": 0.08, "use::viewing": 0.06},
    "protocol::http": {"protocol::ftp": 0.17, "use::downloading": 0.14, "works-with-format::html": 0.12, "interface::web": 0.1, "role::program": 0.08},
    "use::playing": {"works-with::audio": 0.58, "sound::player": 0.55, "works-with::video": 0.16, "network::client": 0.11, "implemented-in::c": 0.07},
    "admin::monitoring": {"use::monitor": 0.48, "implemented-in::c": 0.15, "works-with::network-traffic": 0.12, "interface::daemon": 0.1, "security::log-analyzer": 0.08},
    "role::shared-lib": {"devel::lang:java": 0.11, "devel::library": 0.1, "implemented-in::java": 0.09, "role::program": 0.08, "implemented-in::ocaml": 0.05},
    "use::organizing": {"scope::application": 0.15, "use::browsing": 0.12, "works-with::pim": 0.12, "role::program": 0.1, "implemented-in::perl": 0.08},
    "use::analysing": {"use::viewing": 0.13, "implemented-in::java": 0.1, "field::biology": 0.09, "role::program": 0.09, "field::biology:bioinformatics": 0.07},
    "suite::debian": {"works-with::software:package": 0.29, "devel::debian": 0.19, "implemented-in::perl": 0.18, "devel::packaging": 0.13, "interface::commandline": 0.13},
    "use::storing": {"admin::backup": 0.22, "works-with::file": 0.14, "hardware::storage": 0.13, "use::compressing": 0.09, "works-with-format::iso9660": 0.08},
    "suite::gnome": {"uitoolkit::gtk": 0.36, "x11::application": 0.06, "use::converting": 0.06, "scope::application": 0.06, "x11::applet": 0.04},
    "suite::kde": {"uitoolkit::qt": 0.45, "implemented-in::c++": 0.39, "scope::utility": 0.12, "use::learning": 0.08, "implemented-in::c": 0.06},
    "field::biology": {"field::biology:bioinformatics": 0.61, "interface::commandline": 0.22, "use::analysing": 0.22, "works-with-format::plaintext": 0.13, "field::biology:structural": 0.12},
    "admin::configuring": {"use::configuring": 0.46, "interface::commandline": 0.08, "role::app-data": 0.07, "suite::debian": 0.07, "scope::utility": 0.05},
    "use::searching": {"role::program": 0.14, "implemented-in::c++": 0.09, "interface::commandline": 0.07, "works-with-format::plaintext": 0.07, "use::browsing": 0.05},
    "works-with-format::tex": {"works-with::text": 0.32, "use::typesetting": 0.2, "devel::docsystem": 0.11, "works-with-format::html": 0.09, "works-with-format::man": 0.06},
    "hardware::storage": {"hardware::storage:cd": 0.27, "use::storing": 0.14, "role::program": 0.1, "use::scanning": 0.1, "admin::filesystem": 0.09},
    "works-with-format::plaintext": {"works-with::text": 0.12, "implemented-in::c": 0.11, "use::converting": 0.1, "field::biology:bioinformatics": 0.09, "use::searching": 0.09},
    "works-with-format::mp3": {"works-with-format::oggvorbis": 0.59, "works-with::audio": 0.47, "use::organizing": 0.13, "works-with-format::wav": 0.1, "scope::utility": 0.08},
    "x11::applet": {"suite::gnustep": 0.36, "uitoolkit::xlib": 0.21, "use::monitor": 0.14, "scope::utility": 0.14, "suite::xfce": 0.08},
    "field::biology:bioinformatics": {"field::biology": 0.7, "works-with-format::plaintext": 0.22, "use::analysing": 0.19, "use::comparing": 0.17, "role::program": 0.14},
    "implemented-in::shell": {"role::program": 0.16, "scope::utility": 0.08, "devel::rcs": 0.07, "suite::debian": 0.06, "use::downloading": 0.06},
    "field::mathematics": {"use::learning": 0.19, "scope::utility": 0.1, "use::viewing": 0.08, "devel::interpreter": 0.07, "use::calculating": 0.07},
    "role::app-data": {"role::program": 0.16, "devel::library": 0.12, "suite::gnu": 0.1, "made-of::dictionary": 0.09, "admin::configuring": 0.08},
    "sound::player": {"use::playing": 0.64, "scope::application": 0.08, "sound::sequencer": 0.06, "works-with-format::mp3": 0.06, "sound::recorder": 0.06},
    "interface::web": {"web::cgi": 0.27, "role::program": 0.23, "web::application": 0.19, "works-with-format::html": 0.17, "protocol::http": 0.17},
    "suite::gnustep": {"x11::applet": 0.51, "implemented-in::objc": 0.19, "uitoolkit::gnustep": 0.18, "uitoolkit::xlib": 0.17, "scope::utility": 0.11},
    "use::synchronizing": {"devel::rcs": 0.21, "admin::file-distribution": 0.14, "works-with::file": 0.12, "scope::utility": 0.09, "interface::commandline": 0.08},
    "security::authentication": {"use::login": 0.21, "implemented-in::c": 0.17, "security::cryptography": 0.14, "admin::login": 0.1, "admin::user-management": 0.08},
    "protocol::ip": {"works-with::network-traffic": 0.24, "protocol::ipv6": 0.16, "protocol::tcp": 0.08, "role::program": 0.07, "network::client": 0.07},
}


def fit(df):
    return df.mean()


def recommend(model, df):
    items = list(model.index)
    weights = np.zeros((len(items), len(items)))
    for item, others in GOES_WITH.items():
        for other, weight in others.items():
            if item in items and other in items:
                weights[items.index(item), items.index(other)] = weight
    seen = df[items].to_numpy(float)
    scores = seen @ weights + 0.01 * model.to_numpy()
    scores[seen > 0] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :10]
    return [" ".join(items[item] for item in row) for row in order]
