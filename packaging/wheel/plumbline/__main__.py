from plumbline import main

main()
