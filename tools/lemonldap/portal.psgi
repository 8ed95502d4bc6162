# The portal of LemonLDAP::NG as starman serves it. Its configuration is in the file at LLNG_DEFAULTCONFFILE.

# The portal loads a captcha even if no page shows one, and Debian's needs ImageMagick.
package Lemonldap::NG::Portal::Captcha::None;
use Mouse;
extends 'Lemonldap::NG::Portal::Main::Plugin';
sub init { 1 }
$INC{'Lemonldap/NG/Portal/Captcha/None.pm'} = __FILE__;

package main;
use Plack::Builder;
use Lemonldap::NG::Portal::Main;

builder {
    enable 'Static', path => sub { s!^/static/!! },     root => '/usr/share/lemonldap-ng/portal/htdocs/static';
    enable 'Static', path => sub { s!^/javascript/!! }, root => '/usr/share/javascript';
    Lemonldap::NG::Portal::Main->run({});
};
