# The factory password lets in once.
if [ ! -f /etc/password-changed ]; then
  echo 'You must change your password before you go on.'
  passwd root && touch /etc/password-changed || exit
fi
